import { createApp } from 'vue'
import App from './views/App.vue'
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'

createApp(App).mount('#app')
